//! Reads lines of the common log format.

use std::fmt;

/// One request of an access log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    pub client: &'a str,
    pub hour: u8,
    pub method: &'a str,
    pub path: &'a str,
    pub status: u16,
    pub bytes: u64,
}

/// Why a line is not one of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    Missing(&'static str),
    Number(&'static str, String),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing(field) => write!(out, "the field {field} is missing"),
            Fault::Number(field, text) => write!(out, "{field} is not a number: {text}"),
        }
    }
}

impl std::error::Error for Fault {}

/// Parses a line such as `10.0.0.1 - - [28/Nov/2026:20:41:57 +0000] "GET /a HTTP/1.1" 200 512`.
pub fn parse(line: &str) -> Result<Request<'_>, Fault> {
    let (client, rest) = line.split_once(' ').ok_or(Fault::Missing("client"))?;
    let (_, rest) = rest.split_once('[').ok_or(Fault::Missing("time"))?;
    let (time, rest) = rest.split_once(']').ok_or(Fault::Missing("time"))?;
    let hour = time.split(':').nth(1).ok_or(Fault::Missing("hour"))?;
    let (_, rest) = rest.split_once('"').ok_or(Fault::Missing("request"))?;
    let (request, rest) = rest.split_once('"').ok_or(Fault::Missing("request"))?;
    let mut words = request.split(' ');
    let method = words.next().filter(|word| !word.is_empty()).ok_or(Fault::Missing("method"))?;
    let path = words.next().ok_or(Fault::Missing("path"))?;
    let mut numbers = rest.split_whitespace();
    let status = numbers.next().ok_or(Fault::Missing("status"))?;
    let bytes = numbers.next().ok_or(Fault::Missing("bytes"))?;
    Ok(Request {
        client,
        hour: number("hour", hour)?,
        method,
        path: path.split('?').next().unwrap_or(path),
        status: number("status", status)?,
        bytes: if bytes == "-" { 0 } else { number("bytes", bytes)? },
    })
}

fn number<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::Number(field, text.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"10.0.0.1 - - [28/Nov/2026:20:41:57 +0000] "GET /a?b=c HTTP/1.1" 200 512"#;

    #[test]
    fn reads_a_line() {
        let request = parse(LINE).unwrap();
        assert_eq!(request.hour, 20);
        assert_eq!(request.path, "/a");
        assert_eq!((request.status, request.bytes), (200, 512));
    }

    #[test]
    fn a_dash_means_no_bytes() {
        let line = LINE.replace(" 512", " -");
        assert_eq!(parse(&line).unwrap().bytes, 0);
    }

    #[test]
    fn names_what_is_wrong() {
        assert_eq!(parse("nothing"), Err(Fault::Missing("client")));
        let line = LINE.replace(" 200 ", " OK ");
        assert_eq!(parse(&line), Err(Fault::Number("status", "OK".to_string())));
    }
}
