//! Bodies of requests, composed of bytes and kept files.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use reqwest::header::{CONTENT_LENGTH, HeaderValue};

use crate::spool::Blob;

/// Read from a file at once, in bytes: a multiple of three, so that pieces of Base64 can follow each other.
const CHUNK: usize = 192 * 1024;

/// A piece with its file at hand.
#[derive(Clone)]
pub(crate) enum Part {
    Bytes(Arc<Vec<u8>>),
    File(Arc<Blob>),
    Base64(Arc<Blob>),
}

impl Part {
    /// Bytes that it adds to the body.
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(blob) => blob.size(),
            Self::Base64(blob) => blob.size().div_ceil(3) * 4,
        }
    }

    /// What comes after `offset` bytes of the source, and how many of those it covers; 0 at the end.
    async fn next(&self, offset: u64) -> io::Result<(Vec<u8>, u64)> {
        match self {
            Self::Bytes(bytes) => {
                let rest = usize::try_from(offset).ok().and_then(|from| bytes.get(from..));
                let rest = rest.unwrap_or_default();
                Ok((rest.to_vec(), rest.len() as u64))
            }
            Self::File(blob) => {
                let bytes = blob.read(offset, CHUNK).await?;
                let read = bytes.len() as u64;
                Ok((bytes, read))
            }
            Self::Base64(blob) => {
                let bytes = blob.read(offset, CHUNK).await?;
                Ok((STANDARD.encode(&bytes).into_bytes(), bytes.len() as u64))
            }
        }
    }
}

/// A whole body. It can be sent more than once.
#[derive(Clone)]
pub(crate) struct Body(pub(crate) Vec<Part>);

impl Body {
    pub(crate) fn len(&self) -> u64 {
        self.0.iter().map(Part::len).sum()
    }

    /// Bytes that came out of the guest.
    pub(crate) fn own_len(&self) -> u64 {
        let own = self.0.iter().filter(|part| matches!(part, Part::Bytes(_)));
        own.map(Part::len).sum()
    }

    /// Puts it on a request, with its length: servers refuse uploads that do not declare it.
    pub(crate) fn attach(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        if let [Part::Bytes(bytes)] = self.0.as_slice() {
            return request.body(bytes.to_vec());
        }
        let position = Position {
            rest: self.0.clone().into_iter(),
            part: None,
            offset: 0,
        };
        request
            .header(CONTENT_LENGTH, HeaderValue::from(self.len()))
            .body(reqwest::Body::wrap_stream(stream::try_unfold(position, Position::next)))
    }
}

/// How far a body was sent.
struct Position {
    rest: std::vec::IntoIter<Part>,
    part: Option<Part>,
    offset: u64,
}

impl Position {
    async fn next(mut self) -> io::Result<Option<(Vec<u8>, Self)>> {
        while let Some(part) = self.part.take().or_else(|| self.rest.next()) {
            let (bytes, read) = part.next(self.offset).await?;
            if read > 0 {
                self.offset += read;
                self.part = Some(part);
                return Ok(Some((bytes, self)));
            }
            self.offset = 0;
        }
        Ok(None)
    }
}
