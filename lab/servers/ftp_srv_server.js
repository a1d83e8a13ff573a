// ftp-srv as a server of the lab. The order is a JSON object, the only argument.
'use strict';

const fs = require('fs');
const order = JSON.parse(process.argv[2]);
const { FtpSrv } = require(`${order.home}/node_modules/ftp-srv`);

const tls = order.tls !== 'none' && {
  key: fs.readFileSync(`${order.certs}/server.key`),
  cert: fs.readFileSync(`${order.certs}/server.pem`),
};

const server = new FtpSrv({
  url: `${order.tls === 'implicit' ? 'ftps' : 'ftp'}://${order.host}:${order.port}`,
  // Without it passive mode is refused.
  pasv_url: order.host,
  pasv_min: order.passive[0],
  pasv_max: order.passive[1],
  anonymous: true,
  greeting: ['ftp-srv 4.6.3', 'wharf lab'],
  file_format: order.extra.includes('eplf') ? 'ep' : 'ls',
  timeout: order.idle * 1000,
  tls,
});

server.on('login', ({ username, password }, resolve, reject) => {
  const known = username === order.user && password === order.password;
  if (known || username === 'anonymous') {
    resolve({ root: order.root });
  } else {
    reject(new Error('Wrong name or password'));
  }
});

server.listen();
