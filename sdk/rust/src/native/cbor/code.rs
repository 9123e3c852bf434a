//! Both ways, and what they have in common.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub(super) String);

pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let mut writer = super::write::Writer::default();
    value.serialize(&mut writer)?;
    Ok(writer.out)
}

/// The bytes are one value and nothing more.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut reader = super::read::Reader { rest: bytes };
    let value = T::deserialize(&mut reader)?;
    match reader.rest.len() {
        0 => Ok(value),
        more => Err(Error(format!("{more} bytes follow it"))),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

pub(super) const UNSIGNED: u8 = 0;
pub(super) const NEGATIVE: u8 = 1;
pub(super) const BYTES: u8 = 2;
pub(super) const TEXT: u8 = 3;
pub(super) const ARRAY: u8 = 4;
pub(super) const SIMPLE: u8 = 7;

pub(super) const FALSE: u8 = 0xf4;
pub(super) const TRUE: u8 = 0xf5;
pub(super) const NULL: u8 = 0xf6;
pub(super) const FLOAT: u8 = 0xfb;

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum State {
        Starting,
        Healthy,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Content {
        Bytes(Vec<u8>),
        Blob(String),
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Record {
        name: String,
        content: Vec<u8>,
        since: Option<u64>,
        state: State,
    }

    #[track_caller]
    fn check<T: Serialize + DeserializeOwned + PartialEq + fmt::Debug>(value: &T, bytes: &[u8]) {
        assert_eq!(to_vec(value).as_deref(), Ok(bytes), "{value:?}");
        assert_eq!(from_slice::<T>(bytes).as_ref(), Ok(value));
    }

    #[test]
    fn values_are_written_by_position() {
        check(&(), &[0x80]);
        check(&(7_u32, "a".to_owned()), &[0x82, 7, 0x61, b'a']);
        check(&State::Healthy, &[1]);
        check(&Content::Blob("b".to_owned()), &[0x82, 1, 0x61, b'b']);
        check(&Content::Bytes(vec![1, 200]), &[0x82, 0, 0x42, 1, 200]);
        let record = Record {
            name: "n".to_owned(),
            content: vec![9; 3],
            since: None,
            state: State::Starting,
        };
        check(&record, &[0x84, 0x61, b'n', 0x43, 9, 9, 9, 0xf6, 0]);
        check(&vec![record], &[0x81, 0x84, 0x61, b'n', 0x43, 9, 9, 9, 0xf6, 0]);
        check(&Ok::<(), String>(()), &[0x82, 0, 0x80]);
        check(&Err::<(), String>("x".to_owned()), &[0x82, 1, 0x61, b'x']);
        check(&vec![vec![1_u8], vec![2]], &[0x82, 0x41, 1, 0x41, 2]);
        check(&Some(true), &[TRUE]);
    }

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        for (number, bytes) in [
            (23_i64, &[23_u8][..]),
            (24, &[0x18, 24]),
            (256, &[0x19, 1, 0]),
            (65_536, &[0x1a, 0, 1, 0, 0]),
            (1 << 40, &[0x1b, 0, 0, 1, 0, 0, 0, 0, 0]),
            (-1, &[0x20]),
            (-300, &[0x39, 1, 43]),
            (i64::MIN, &[0x3b, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
        ] {
            check(&number, bytes);
        }
        check(&u64::MAX, &[0x1b, 255, 255, 255, 255, 255, 255, 255, 255]);
        check(&1.5_f64, &[FLOAT, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_is_no_value_of_its_type_is_refused() {
        let check = |bytes: &[u8], expected: &str| {
            let refused = from_slice::<Record>(bytes).unwrap_err().to_string();
            assert_eq!(refused, expected, "{bytes:?}");
        };
        check(&[], "it ends too early");
        check(&[0x83, 0, 0, 0], "a record of 4 fields has 3");
        check(&[0x84, 1], "a text was expected, and not a number");
        check(&[0x84, 0x62, 0xff, 0xff], "a text is not UTF-8");
        check(
            &[0x84, 0x7b, 255, 255, 255, 255, 255, 255, 255, 255],
            "it ends too early",
        );
        check(&[0x9f], "its length is not known");
        check(
            &[0x84, 0x60, 0x40, 0xf6, 9],
            "invalid value: integer `9`, expected variant index 0 <= i < 2",
        );
        check(&[0x84, 0x60, 0x80, 0xf6, 0, 0], "1 bytes follow it");
        // An empty list says nothing of what it would hold.
        assert!(from_slice::<Record>(&[0x84, 0x60, 0x80, 0xf6, 0]).is_ok());
        assert!(from_slice::<u8>(&[0x19, 1, 0]).is_err());
        assert!(from_slice::<Vec<u64>>(&[0x9b, 255, 255, 255, 255, 255, 255, 255, 255]).is_err());
    }
}
