//! What a request to DynamoDB costs: its read and write units by AWS's rules, reckoned from the sizes of what it touched
//! and from the template's indexes. Pure: it asks nobody, and knows no embedded database.
//!
//! | rule | file | source |
//! | --- | --- | --- |
//! | an item is the sum of its names and values | [`size`] | A |
//! | a read is rounded up to 4 KB, eventually consistent half, in a transaction double | [`rates`] | B |
//! | a query sums what it went through, before any filter, and rounds once; a batch rounds item by item | [`reads`] | B |
//! | what is not there costs as if it were small | [`rates`] | B |
//! | a write is the larger of before and after, rounded up to 1 KB, in a transaction double | [`rates`] | B, C |
//! | a failed condition costs the write: by what is there or should have been put | [`writes`] | B |
//! | an index entry put, deleted or changed costs its own size; one whose key changed is deleted and put | [`writes`] | D, E |
//! | an index whose entry stays the same costs nothing | [`writes`] | D, E |
//! | a repeated transaction (`ClientRequestToken`) is read, not written | [`writes`] | F |
//! | what TTL deletes costs nothing (and nothing here deletes by TTL) | | G |
//!
//! AWS's developer guide: A "DynamoDB item sizes and formats", B "DynamoDB read and write operations", C "DynamoDB
//! Transactions: How it works" (capacity management), D "Global secondary indexes" and E "Local secondary indexes" (write
//! capacity units), G "Using time to live". F the API reference of `TransactWriteItems`.
//!
//! Not said there, and assumed: **an index costs in a transaction what it costs outside**. C speaks of two writes per item
//! of the transaction, and that global indexes are told after it is done; what was measured fits (docs/aws.md §4). A
//! cancelled transaction is charged as if it had been done on the table, without its indexes: it was prepared. What an
//! `UpdateItem` with a failed condition would have made of the item nobody knows: it counts as what is there.

mod layout;
mod rates;
mod reads;
mod share;
mod size;
mod work;
mod writes;

pub(crate) use layout::Layout;
pub(crate) use reads::{asked, got, ranged};
pub use share::{Share, Spent, Units};
pub(crate) use size::Item;
pub(crate) use work::{Range, Work, Write, words};
pub(crate) use writes::{refused, repeated, written};
