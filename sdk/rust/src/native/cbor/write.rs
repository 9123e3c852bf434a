//! Writing.

use serde::ser::{self, Serialize};

use super::code::{ARRAY, BYTES, Error, FALSE, FLOAT, NEGATIVE, NULL, TEXT, TRUE, UNSIGNED};

#[derive(Default)]
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    /// Where the last `u8` was begun: the element of a list that begins with one makes it a byte string.
    octet: Option<usize>,
    /// The list that is written is one.
    raw: bool,
}

impl Writer {
    fn head(&mut self, kind: u8, number: u64) {
        let kind = kind << 5;
        match number {
            0..24 => self.out.push(kind | number as u8),
            24..0x100 => self.out.extend([kind | 24, number as u8]),
            0x100..0x1_0000 => {
                self.out.push(kind | 25);
                self.out.extend((number as u16).to_be_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                self.out.push(kind | 26);
                self.out.extend((number as u32).to_be_bytes());
            }
            _ => {
                self.out.push(kind | 27);
                self.out.extend(number.to_be_bytes());
            }
        }
    }

    fn case(&mut self, index: u32) {
        self.head(ARRAY, 2);
        self.head(UNSIGNED, index.into());
    }
}

/// The elements of a list, or the fields of something.
pub(super) struct Elements<'a> {
    writer: &'a mut Writer,
    begin: usize,
    length: usize,
    first: bool,
    octets: bool,
}

type Done = Result<(), Error>;

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Elements<'a>;
    type SerializeTuple = &'a mut Writer;
    type SerializeTupleStruct = &'a mut Writer;
    type SerializeTupleVariant = &'a mut Writer;
    type SerializeMap = ser::Impossible<(), Error>;
    type SerializeStruct = &'a mut Writer;
    type SerializeStructVariant = &'a mut Writer;

    fn serialize_bool(self, value: bool) -> Done {
        self.out.push(if value { TRUE } else { FALSE });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Done {
        match u64::try_from(value) {
            Ok(value) => self.head(UNSIGNED, value),
            Err(_) => self.head(NEGATIVE, !value as u64),
        }
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Done {
        if self.raw {
            self.out.push(value);
            return Ok(());
        }
        self.octet = Some(self.out.len());
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Done {
        self.head(UNSIGNED, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Done {
        self.out.push(FLOAT);
        self.out.extend(value.to_bits().to_be_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Done {
        self.head(TEXT, value.len() as u64);
        self.out.extend(value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Done {
        self.head(BYTES, value.len() as u64);
        self.out.extend(value);
        Ok(())
    }

    fn serialize_none(self) -> Done {
        self.out.push(NULL);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.head(ARRAY, 0);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Done {
        self.serialize_u32(index)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Done {
        self.case(index);
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Elements<'a>, Error> {
        let length = length.ok_or_else(|| Error("a list of unknown length".to_owned()))?;
        let begin = self.out.len();
        self.head(ARRAY, length as u64);
        Ok(Elements {
            writer: self,
            begin,
            length,
            first: true,
            octets: false,
        })
    }

    fn serialize_tuple(self, length: usize) -> Result<Self, Error> {
        self.head(ARRAY, length as u64);
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Self, Error> {
        self.serialize_tuple(length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        length: usize,
    ) -> Result<Self, Error> {
        self.case(index);
        self.serialize_tuple(length)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        Err(Error("the contract has no maps".to_owned()))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Self, Error> {
        self.serialize_tuple(length)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self, Error> {
        self.serialize_tuple_variant(name, index, variant, length)
    }
}

impl ser::SerializeSeq for Elements<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        let Self { writer, .. } = self;
        if self.octets {
            writer.raw = true;
            let done = value.serialize(&mut **writer);
            writer.raw = false;
            return done;
        }
        let at = writer.out.len();
        value.serialize(&mut **writer)?;
        if std::mem::take(&mut self.first) && writer.octet == Some(at) {
            let last = writer.out.last().copied().unwrap_or_default();
            writer.out.truncate(self.begin);
            writer.head(BYTES, self.length as u64);
            writer.out.push(last);
            self.octets = true;
        }
        Ok(())
    }

    fn end(self) -> Done {
        Ok(())
    }
}

macro_rules! fields {
    ($($trait:ident::$function:ident),*) => {$(
        impl ser::$trait for &mut Writer {
            type Ok = ();
            type Error = Error;

            fn $function<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                value.serialize(&mut **self)
            }

            fn end(self) -> Done {
                Ok(())
            }
        }
    )*};
}

fields!(
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! named_fields {
    ($($trait:ident),*) => {$(
        impl ser::$trait for &mut Writer {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Done {
                value.serialize(&mut **self)
            }

            fn end(self) -> Done {
                Ok(())
            }
        }
    )*};
}

named_fields!(SerializeStruct, SerializeStructVariant);
