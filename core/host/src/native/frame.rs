//! What goes over the pipe between the host and the process of a library: what it is, a name, and bytes.

use std::io::{self, Read, Write};

use tokio::io::{AsyncRead, AsyncReadExt as _};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// To the process: the library, by the name of its symbol.
    Load,
    /// From it: loaded; the bytes are a text about what is lacking.
    Ready,
    /// A verb, or a capability.
    Call,
    Answer,
    /// There is no answer, and why.
    Broke,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// There is nothing more.
    #[error("the pipe is closed")]
    Closed,
    #[error("it wrote into the pipe what is not from this protocol")]
    Garbage,
    #[error("it sent {0} bytes at once")]
    Big(usize),
    #[error(transparent)]
    Io(io::Error),
}

/// Kind, length of the name, length of the bytes.
const HEAD: usize = 6;
const KINDS: [(Kind, u8); 5] = [
    (Kind::Load, b'L'),
    (Kind::Ready, b'R'),
    (Kind::Call, b'C'),
    (Kind::Answer, b'A'),
    (Kind::Broke, b'B'),
];

impl Frame {
    #[cfg(test)]
    fn new(kind: Kind, name: &str, bytes: Vec<u8>) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            bytes,
        }
    }

    /// With the bytes left to be written after it.
    pub(super) fn head(kind: Kind, name: &str, length: usize) -> io::Result<Vec<u8>> {
        let big = |_| io::Error::other("it is too large for a frame");
        let letter = KINDS.iter().find(|(known, _)| *known == kind);
        let mut head = vec![letter.map_or(0, |(_, letter)| *letter)];
        head.push(u8::try_from(name.len()).map_err(big)?);
        head.extend(u32::try_from(length).map_err(big)?.to_le_bytes());
        head.extend(name.as_bytes());
        Ok(head)
    }

    pub(super) fn write(kind: Kind, name: &str, bytes: &[u8], mut to: impl Write) -> io::Result<()> {
        to.write_all(&Self::head(kind, name, bytes.len())?)?;
        to.write_all(bytes)?;
        to.flush()
    }

    /// From the host, which is believed.
    pub(super) fn read(mut from: impl Read) -> Result<Self, Unreadable> {
        let mut head = [0; HEAD];
        from.read_exact(&mut head).map_err(Unreadable::from)?;
        let (kind, name, bytes) = parse(head)?;
        let mut content = vec![0; name + bytes];
        from.read_exact(&mut content)?;
        Self::of(kind, name, content)
    }

    /// From the process of a library, which may send anything.
    pub(super) async fn receive(
        from: &mut (impl AsyncRead + Unpin),
        limit: usize,
    ) -> Result<Self, Unreadable> {
        let mut head = [0; HEAD];
        from.read_exact(&mut head).await?;
        let (kind, name, bytes) = parse(head)?;
        if bytes > limit {
            return Err(Unreadable::Big(bytes));
        }
        let mut content = vec![0; name + bytes];
        from.read_exact(&mut content).await?;
        Self::of(kind, name, content)
    }

    fn of(kind: Kind, name: usize, mut content: Vec<u8>) -> Result<Self, Unreadable> {
        let bytes = content.split_off(name);
        let name = String::from_utf8(content).map_err(|_| Unreadable::Garbage)?;
        Ok(Self { kind, name, bytes })
    }
}

fn parse([letter, name, length @ ..]: [u8; HEAD]) -> Result<(Kind, usize, usize), Unreadable> {
    let known = KINDS.iter().find(|(_, known)| *known == letter);
    let (kind, _) = known.ok_or(Unreadable::Garbage)?;
    Ok((*kind, name.into(), u32::from_le_bytes(length) as usize))
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut pipe = Vec::new();
        Frame::write(Kind::Call, "http.send", &[1, 2, 3], &mut pipe).unwrap();
        Frame::write(Kind::Answer, "", &[], &mut pipe).unwrap();
        let mut from = &pipe[..];
        let call = Frame::new(Kind::Call, "http.send", vec![1, 2, 3]);
        assert_eq!(Frame::read(&mut from).unwrap(), call);
        assert_eq!(
            Frame::read(&mut from).unwrap(),
            Frame::new(Kind::Answer, "", Vec::new())
        );
        assert!(matches!(Frame::read(&mut from), Err(Unreadable::Closed)));
    }

    #[tokio::test]
    async fn what_is_none_is_told_of() {
        let check = async |bytes: &[u8], expected: &str| {
            let mut from = bytes;
            let refused = Frame::receive(&mut from, 10).await.unwrap_err().to_string();
            assert_eq!(refused, expected, "{bytes:?}");
        };
        check(b"", "the pipe is closed").await;
        check(b"C\x01", "the pipe is closed").await;
        check(
            b"hello world",
            "it wrote into the pipe what is not from this protocol",
        )
        .await;
        check(
            b"C\x01\0\0\0\0\xff",
            "it wrote into the pipe what is not from this protocol",
        )
        .await;
        check(b"C\0\x0b\0\0\0", "it sent 11 bytes at once").await;
    }
}
