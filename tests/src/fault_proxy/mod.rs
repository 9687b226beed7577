//! A proxy in front of an HTTP server that fails requests on purpose.
//!
//! Every request is read whole, then a rule says what becomes of it. The faults come in pairs, before and after the
//! server applied the request: a client cannot tell the two apart, and that is what these tests are about.
//!
//! | room | what lives there |
//! |---|---|
//! | [`fault`] | what can become of a request |
//! | `http` | just enough HTTP/1.1 to find where a message ends |
//! | [`proxy`] | the proxy, its rule and its log |

pub mod fault;
mod http;
pub mod proxy;

pub use fault::{Fault, Request};
pub use proxy::FaultProxy;
