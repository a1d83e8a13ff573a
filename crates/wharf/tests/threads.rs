//! What may cross threads. These tests fail by not compiling; the futures of `async fn`s are held by
//! clippy's `future_not_send`.

use wharf::{
    Client, Config, DataSocket, Download, Driver, Entry, Error, FtpUrl, Listing, Progress, Queued,
    Reply, Upload, blocking,
};

fn shared<T: Clone + Send + Sync + 'static>() {}
fn sent<T: Send + 'static>() {}

#[test]
fn handles_and_values_are_shared_between_threads() {
    shared::<Client>();
    shared::<blocking::Client>();
    shared::<Config>();
    shared::<FtpUrl>();
    shared::<Progress>();
    shared::<Error>();
    shared::<Reply>();
    shared::<Entry>();
}

#[test]
fn futures_and_streams_go_from_thread_to_thread() {
    sent::<Queued<Reply>>();
    sent::<Queued<Download>>();
    sent::<Driver>();
    sent::<Download>();
    sent::<Upload>();
    sent::<Listing>();
    sent::<blocking::Download>();
    sent::<blocking::Upload>();
    sent::<blocking::Listing>();
    sent::<Box<dyn DataSocket>>();
}
