//! Whole files through a data connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{Completion, Download, Queued, Result, Upload, from_io};

/// Every byte that came, and how it ended.
pub(crate) async fn received(mut download: Download) -> (Vec<u8>, Result<Completion>) {
    let mut bytes = Vec::new();
    let end = download.read_to_end(&mut bytes).await;
    let completion = end
        .map_err(from_io)
        .map(|_| download.completion().cloned().expect("the end has come"));
    (bytes, completion)
}

/// Stores these bytes, and says how that ended.
pub(crate) async fn stored(upload: Queued<Upload>, bytes: &[u8]) -> Result<Completion> {
    let mut upload = upload.await?;
    upload.write_all(bytes).await.map_err(from_io)?;
    upload.finish().await
}
