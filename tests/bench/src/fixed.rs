//! The first limit: a bare actix server that answers `/<n>` with the same `n` bytes, whatever is asked.

use std::io::Write;
use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use bytes::Bytes;

/// No answer of the gateway's is longer.
const LONGEST: usize = 8 << 20;

/// Serves on a free port until the process ends, with as many workers as the gateway has by default.
///
/// # Errors
/// When it cannot.
pub(crate) fn serve() -> Result<()> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let all = Bytes::from(vec![b'x'; LONGEST]);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let server = HttpServer::new(move || {
        let all = all.clone();
        App::new().route(
            "/{length}",
            web::to(move |length: web::Path<usize>, _body: Bytes| {
                let answer = all.slice(..length.into_inner().min(LONGEST));
                async move { HttpResponse::Ok().content_type("application/json").body(answer) }
            }),
        )
    });
    let server = server.workers(workers).listen(listener)?;
    actix_web::rt::System::new().block_on(server.run())?;
    Ok(())
}
