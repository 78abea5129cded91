//! The product: what is to be reminded of, through which channel, in which words.
//!
//! | module | holds |
//! | --- | --- |
//! | [`settings`] | the operator's document: templates, replies, quiet hours |
//! | [`draft`] | what a user asks for, validated and resolved to instants |
//! | [`keyword`] | the types of WeChat's template keywords and what fits them |
//! | [`render`] | the values of one message |
//! | [`guide`] | the ways to follow that work where the user is |
//! | [`field_error`] | how a refused document names its faults |

pub mod draft;
pub mod field_error;
mod fields;
pub mod guide;
pub mod keyword;
pub mod render;
pub mod settings;
