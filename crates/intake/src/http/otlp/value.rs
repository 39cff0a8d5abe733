//! Values of any kind, as attributes and bodies have them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Error as _, Unexpected};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::str::FromStr;

/// A value of any kind; of none where it is empty.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct AnyValue {
    #[prost(oneof = "Value", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub(super) value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Value {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    Array(ArrayValue),
    #[prost(message, tag = "6")]
    Map(KeyValueList),
    #[prost(bytes, tag = "7")]
    Bytes(Vec<u8>),
}

#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub(super) struct ArrayValue {
    #[prost(message, repeated, tag = "1")]
    pub(super) values: Vec<AnyValue>,
}

#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub(super) struct KeyValueList {
    #[prost(message, repeated, tag = "1")]
    pub(super) values: Vec<KeyValue>,
}

/// A name and its value.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub(super) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(super) key: String,
    #[prost(message, optional, tag = "2")]
    pub(super) value: Option<AnyValue>,
}

/// A value as JSON has it. Source: protobuf.dev, "ProtoJSON Format".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    string_value: Option<String>,
    bool_value: Option<bool>,
    #[serde(default, deserialize_with = "some_number")]
    int_value: Option<i64>,
    #[serde(default, deserialize_with = "some_number")]
    double_value: Option<f64>,
    array_value: Option<ArrayValue>,
    kvlist_value: Option<KeyValueList>,
    bytes_value: Option<String>,
}

impl TryFrom<Written> for AnyValue {
    type Error = base64::DecodeError;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let bytes = written.bytes_value.map(|it| STANDARD.decode(it));
        let value = written
            .string_value
            .map(Value::Text)
            .or(written.bool_value.map(Value::Bool))
            .or(written.int_value.map(Value::Int))
            .or(written.double_value.map(Value::Double))
            .or(written.array_value.map(Value::Array))
            .or(written.kvlist_value.map(Value::Map))
            .or(bytes.transpose()?.map(Value::Bytes));
        Ok(AnyValue { value })
    }
}

impl Serialize for AnyValue {
    /// As plain JSON; bytes are Base64.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            None => to.serialize_unit(),
            Some(Value::Text(text)) => to.serialize_str(text),
            Some(Value::Bool(bool)) => to.serialize_bool(*bool),
            Some(Value::Int(int)) => to.serialize_i64(*int),
            Some(Value::Double(double)) => to.serialize_f64(*double),
            Some(Value::Array(array)) => to.collect_seq(&array.values),
            Some(Value::Map(map)) => attributes(&map.values, to),
            Some(Value::Bytes(bytes)) => to.serialize_str(&STANDARD.encode(bytes)),
        }
    }
}

impl AnyValue {
    /// What a name or number says, as text.
    pub(super) fn word(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Some(Value::Text(text)) => Some(text.into()),
            Some(Value::Int(int)) => Some(int.to_string().into()),
            _ => None,
        }
    }

    /// The pairs of a map; none where it is of another kind.
    pub(super) fn pairs(&self) -> &[KeyValue] {
        match &self.value {
            Some(Value::Map(map)) => &map.values,
            _ => &[],
        }
    }
}

/// The word of a name among pairs.
pub(super) fn named<'a>(pairs: &'a [KeyValue], name: &str) -> Option<Cow<'a, str>> {
    let pair = pairs.iter().find(|pair| pair.key == name)?;
    pair.value.as_ref()?.word()
}

pub(super) fn is_text(value: &Option<AnyValue>) -> bool {
    let value = value.as_ref().and_then(|it| it.value.as_ref());
    matches!(value, None | Some(Value::Text(_)))
}

/// Writes pairs as an object.
pub(super) fn attributes<S: Serializer>(pairs: &[KeyValue], to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(pairs.len()))?;
    for pair in pairs {
        map.serialize_entry(&pair.key, &pair.value)?;
    }
    map.end()
}

/// A number, which JSON has as text where it may be large.
pub(super) fn number<'de, D: Deserializer<'de>, T>(from: D) -> Result<T, D::Error>
where
    T: FromStr + Deserialize<'de> + Default,
{
    some_number(from).map(Option::unwrap_or_default)
}

fn some_number<'de, D: Deserializer<'de>, T>(from: D) -> Result<Option<T>, D::Error>
where
    T: FromStr + Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either<T> {
        Number(T),
        Text(String),
    }
    match Option::<Either<T>>::deserialize(from)? {
        None => Ok(None),
        Some(Either::Number(number)) => Ok(Some(number)),
        Some(Either::Text(text)) => text
            .parse()
            .map(Some)
            .map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &"a number")),
    }
}
