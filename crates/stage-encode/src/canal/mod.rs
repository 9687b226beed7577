//! canal-json as TiCDC's storage sink writes it (`output-format` 3.2): one JSON object per changed row.
//!
//! ```text
//! {"id":0,"database":"d","table":"t","pkNames":["a"],"isDdl":false,"type":"UPDATE","es":ms,"ts":ms,"sql":"",
//!  "sqlType":{"a":4,…},"mysqlType":{"a":"int",…},"old":null|[{…}],"data":[{"a":"1",…}][,"_tidb":{…}]}
//! ```
//!
//! (On one line, without white space.) Every value is a JSON string or `null`. The ancestor's `mysqlType` comes in
//! random order; here it is in column order, so that the same row gives the same bytes.
//!
//! | room | what lives there |
//! |---|---|
//! | [`config`] | the options and their defaults |
//! | [`encoder`] | the format, and the clock it reads |
//! | `line` | one row as one object |
//! | `columns` | which columns an object shows |
//! | `java_type`, `mysql_type` | what a column is said to be |
//! | `value` | one column's value |
//! | `object`, `json_text` | JSON objects and strings |

mod columns;
pub mod config;
pub mod encoder;
mod java_type;
mod json_text;
mod line;
mod mysql_type;
mod object;
mod value;

pub use config::CanalConfig;
pub use encoder::CanalJson;
