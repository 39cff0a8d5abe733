//! Messages of OTLP, from Protobuf and from JSON, and as they stand in a document.
//! Source: opentelemetry-proto `logs/v1/logs.proto`, `common/v1/common.proto`, `resource/v1/resource.proto`.

use super::value::{AnyValue, KeyValue, attributes, is_text, number};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What sent the records.
#[derive(Clone, PartialEq, prost::Message, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Resource {
    #[prost(message, repeated, tag = "1")]
    #[serde(serialize_with = "attributes", skip_serializing_if = "Vec::is_empty")]
    pub(super) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "2")]
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) dropped_attributes_count: u32,
}

/// The part of the sender.
#[derive(Clone, PartialEq, prost::Message, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Scope {
    #[prost(string, tag = "1")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) version: String,
    #[prost(message, repeated, tag = "3")]
    #[serde(serialize_with = "attributes", skip_serializing_if = "Vec::is_empty")]
    pub(super) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "4")]
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) dropped_attributes_count: u32,
}

/// A record of a log.
#[derive(Clone, PartialEq, prost::Message, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogRecord {
    /// Nanoseconds since 1970; 0 if it is not known.
    #[prost(fixed64, tag = "1")]
    #[serde(deserialize_with = "number", skip_serializing_if = "is_zero")]
    pub(super) time_unix_nano: u64,
    #[prost(int32, tag = "2")]
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) severity_number: i32,
    #[prost(string, tag = "3")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) severity_text: String,
    /// Not told again where it is the message.
    #[prost(message, optional, tag = "5")]
    #[serde(skip_serializing_if = "is_text")]
    pub(super) body: Option<AnyValue>,
    #[prost(message, repeated, tag = "6")]
    #[serde(serialize_with = "attributes", skip_serializing_if = "Vec::is_empty")]
    pub(super) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "7")]
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) dropped_attributes_count: u32,
    #[prost(fixed32, tag = "8")]
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) flags: u32,
    #[prost(bytes = "vec", tag = "9")]
    #[serde(with = "hex", skip_serializing_if = "Vec::is_empty")]
    pub(super) trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "10")]
    #[serde(with = "hex", skip_serializing_if = "Vec::is_empty")]
    pub(super) span_id: Vec<u8>,
    /// When a collector saw it, nanoseconds since 1970.
    #[prost(fixed64, tag = "11")]
    #[serde(deserialize_with = "number", skip_serializing_if = "is_zero")]
    pub(super) observed_time_unix_nano: u64,
    #[prost(string, tag = "12")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) event_name: String,
}

/// `google.rpc.Status`: how an error is told.
#[derive(Clone, PartialEq, prost::Message, Serialize)]
pub(super) struct Status {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
}

fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

/// Ids of traces, which JSON has in hexadecimal digits, unlike other bytes.
mod hex {
    use super::{Deserialize as _, Deserializer, Serializer};
    use serde::de::Error as _;

    pub(super) fn serialize<S: Serializer>(id: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&digits)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let digits = String::deserialize(from)?;
        let byte = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        };
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
        bytes.ok_or_else(|| D::Error::custom("an id is hexadecimal digits"))
    }
}
