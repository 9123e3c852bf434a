//! Reading. Nothing is trusted: a length is taken only where so many bytes are there.

use serde::{
    de::{self, DeserializeSeed, IntoDeserializer as _, Visitor},
    forward_to_deserialize_any,
};

use super::code::{ARRAY, BYTES, Error, FALSE, FLOAT, NEGATIVE, NULL, SIMPLE, TEXT, TRUE, UNSIGNED};

pub(super) struct Reader<'de> {
    pub(super) rest: &'de [u8],
}

impl<'de> Reader<'de> {
    fn peek(&self) -> Result<u8, Error> {
        self.rest.first().copied().ok_or_else(early)
    }

    fn take(&mut self, count: u64) -> Result<&'de [u8], Error> {
        let count = usize::try_from(count).map_err(|_| early())?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(early)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The kind of the next value and its number: itself, or a length.
    fn head(&mut self) -> Result<(u8, u64), Error> {
        let first = self.take(1)?[0];
        let number = match first & 0x1f {
            small @ 0..24 => small.into(),
            more @ 24..28 => {
                let bytes = self.take(1 << (more - 24))?;
                bytes
                    .iter()
                    .fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
            31 => return Err(Error("its length is not known".to_owned())),
            _ => return Err(Error("it is not CBOR".to_owned())),
        };
        Ok((first >> 5, number))
    }

    fn expect(&mut self, kind: u8) -> Result<u64, Error> {
        match self.head()? {
            (found, number) if found == kind => Ok(number),
            (found, _) => Err(Error(format!(
                "{} was expected, and not {}",
                name(kind),
                name(found)
            ))),
        }
    }

    fn text(&mut self) -> Result<&'de str, Error> {
        let length = self.expect(TEXT)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Error("a text is not UTF-8".to_owned()))
    }

    fn fields<V: Visitor<'de>>(&mut self, wanted: usize, visitor: V) -> Result<V::Value, Error> {
        match self.expect(ARRAY)? {
            found if found == wanted as u64 => visitor.visit_seq(Elements {
                left: found,
                reader: self,
            }),
            found => Err(Error(format!("a record of {wanted} fields has {found}"))),
        }
    }
}

fn early() -> Error {
    Error("it ends too early".to_owned())
}

fn name(kind: u8) -> &'static str {
    match kind {
        UNSIGNED | NEGATIVE => "a number",
        BYTES => "bytes",
        TEXT => "a text",
        ARRAY => "an array",
        SIMPLE => "a simple value",
        _ => "a map or a tag",
    }
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            FALSE | TRUE => {
                let value = self.take(1)?[0] == TRUE;
                visitor.visit_bool(value)
            }
            NULL => {
                self.take(1)?;
                visitor.visit_none()
            }
            FLOAT => {
                self.take(1)?;
                let bits = self
                    .take(8)?
                    .iter()
                    .fold(0, |bits, byte| bits << 8 | u64::from(*byte));
                visitor.visit_f64(f64::from_bits(bits))
            }
            first => match first >> 5 {
                UNSIGNED => visitor.visit_u64(self.head()?.1),
                NEGATIVE => {
                    let (_, number) = self.head()?;
                    let number =
                        i64::try_from(number).map_err(|_| Error("a number is too small".to_owned()))?;
                    visitor.visit_i64(!number)
                }
                TEXT => visitor.visit_borrowed_str(self.text()?),
                BYTES | ARRAY => self.deserialize_seq(visitor),
                other => Err(Error(format!("{} is not in the contract", name(other)))),
            },
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek()? == NULL {
            self.take(1)?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.expect(ARRAY)? {
            0 => visitor.visit_unit(),
            some => Err(Error(format!("nothing was expected, and not {some} values"))),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.head()? {
            (BYTES, length) => {
                let bytes = self.take(length)?.iter().copied();
                visitor.visit_seq(de::value::SeqDeserializer::new(bytes))
            }
            (ARRAY, left) => visitor.visit_seq(Elements { left, reader: self }),
            (other, _) => Err(Error(format!("a list was expected, and not {}", name(other)))),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.fields(length, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let holds = match self.head()? {
            (UNSIGNED, number) => return visitor.visit_enum(case(number)?.into_deserializer()),
            (ARRAY, length) => length,
            (other, _) => return Err(Error(format!("a case was expected, and not {}", name(other)))),
        };
        match holds {
            2 => visitor.visit_enum(Case(self)),
            other => Err(Error(format!("a variant is 2 values, and not {other}"))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char bytes byte_buf map identifier ignored_any
    }
}

fn case(number: u64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error(format!("there is no case {number}")))
}

struct Elements<'r, 'de> {
    left: u64,
    reader: &'r mut Reader<'de>,
}

impl<'de> de::SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        // An element has a byte at least.
        usize::try_from(self.left)
            .ok()
            .map(|left| left.min(self.reader.rest.len()))
    }
}

/// A variant that holds something.
struct Case<'r, 'de>(&'r mut Reader<'de>);

impl<'r, 'de> de::EnumAccess<'de> for Case<'r, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Error> {
        let index = case(self.0.expect(UNSIGNED)?)?;
        let index = seed.deserialize(index.into_deserializer())?;
        Ok((index, self))
    }
}

impl<'de> de::VariantAccess<'de> for Case<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Err(Error("a case holds something, and should not".to_owned()))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.fields(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.fields(fields.len(), visitor)
    }
}
