//! Two requests side by side.

use crate::Request;

/// What a request has in another way than announced, a line a part.
pub(super) fn between(expected: &Request, got: &Request) -> String {
    let parts = |request: &Request| {
        [
            ("method", request.method.clone()),
            ("url", request.url.clone()),
            ("query", format!("{:?}", request.query)),
            ("headers", format!("{:?}", request.headers)),
            ("body", shown(request)),
            ("timeout-ms", request.timeout_ms.to_string()),
        ]
    };
    let differing = parts(expected).into_iter().zip(parts(got)).filter(|(expected, got)| expected != got);
    let lines = differing.map(|((part, expected), (_, got))| {
        format!("\n  {part}\n    announced: {expected}\n    asked for: {got}")
    });
    lines.collect()
}

/// A body of text as text.
fn shown(request: &Request) -> String {
    match &request.body {
        crate::Content::Bytes(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        body => format!("{body:?}"),
    }
}
