//! Files that a host keeps for the plugin; here they stay in memory.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tms_sync_xray::ports::{Blob, Fetched, Piece, Request, Response, SendError};

/// The body of a success as a file of at most `limit` bytes.
pub fn keep(mut answer: Response, limit: u64) -> Result<Fetched, SendError> {
    let size = answer.body.len() as u64;
    if !(200..300).contains(&answer.status) {
        return Ok(Fetched { answer, blob: None });
    }
    if size > limit {
        return Err(SendError::TooLarge(size));
    }
    let bytes = std::mem::take(&mut answer.body);
    let digest: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let blob = Blob {
        size,
        digest,
        handle: Rc::new(bytes),
    };
    Ok(Fetched {
        answer,
        blob: Some(blob),
    })
}

/// The body as it goes over the wire.
///
/// # Panics
/// When a file is not from here.
pub fn flat(request: &Request) -> Vec<u8> {
    let bytes = |blob: &Blob| {
        let bytes: &Vec<u8> = blob.handle.downcast_ref().expect("a file of this host");
        bytes.clone()
    };
    let pieces = request.body.iter().flatten().map(|piece| match piece {
        Piece::Bytes(bytes) => bytes.clone(),
        Piece::Blob(blob) => bytes(blob),
        Piece::Base64(blob) => STANDARD.encode(bytes(blob)).into_bytes(),
    });
    pieces.collect::<Vec<_>>().concat()
}
