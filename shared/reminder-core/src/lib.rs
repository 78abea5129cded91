//! The product: what is to be reminded of, through which channel, in which words.
//!
//! | module | holds |
//! | --- | --- |
//! | [`keyword`] | the types of WeChat's template keywords and what fits them |

pub mod keyword;
