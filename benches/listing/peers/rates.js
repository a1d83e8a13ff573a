// `rates.js CLIENT FORMAT FILE SECONDS`: as the Rust program beside it, for basic-ftp, which finds the format itself.

const { readFileSync } = require("node:fs");
const { parseList } = require("basic-ftp/dist/parseList");

const [, , , , file, seconds] = process.argv;
const text = readFileSync(file, "utf8");
const lines = text.split("\n").length - 1;
const entries = parseList(text).length;
const started = process.cpuUsage();
let rounds = 0, taken = 0;
do {
    parseList(text);
    rounds += 1;
    const { user, system } = process.cpuUsage(started);
    taken = (user + system) / 1e6;
} while (taken < Number(seconds));
console.log(lines, entries, Math.round(lines * rounds / taken));
