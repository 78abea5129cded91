//! The product: what is to be reminded of, through which channel, in which words.
//!
//! | module | holds |
//! | --- | --- |
//! | [`keyword`] | the types of WeChat's template keywords and what fits them |
//! | [`render`] | the values of one message |

pub mod keyword;
pub mod render;
