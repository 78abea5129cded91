//! What is due: `read → plan → begin → send → settle`, safe to run twice and to be cut off anywhere.
//!
//! The decisions are pure functions over one value, [`facts::Facts`]: what to do with a push now ([`next`]), which push
//! goes first where credits are few ([`precedence`]), what an attempt's outcome means ([`settle`]), what to do about one
//! that nobody knows the outcome of ([`resolve`]). Evidence is gathered before it is judged ([`evidence`]), and one loop
//! acts ([`run`]).
//!
//! A repeated reminder begins its next round when one is over ([`rounds`]).
//!
//! What could not be told rests, until its user ([`rest`]), the settings or an operator ([`arming`]) give cause to try again.
//!
//! Beginning an attempt is one conditional update and the point of no return. An attempt whose lease ran out is an
//! unknown outcome of its channel, never a fresh one.

pub mod arming;
mod backoff;
pub mod dispatch;
mod evidence;
mod facts;
mod message;
mod next;
mod precedence;
pub mod receipts;
pub mod redrive;
mod resolve;
mod rest;
mod rounds;
pub mod run;
mod send;
mod settle;
#[cfg(test)]
mod situation;
pub mod sweep;
pub mod trial;
mod zone;
