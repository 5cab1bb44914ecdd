//! The floor: a bare hyper server that answers every request with one fixed body. Nothing
//! that answers over hyper can be faster; the benchmark gives syncmock's speed as a ratio
//! to it.
//!
//! Usage: floor PORT_FILE BODY_FILE

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port_file), Some(body_file)) = (arguments.next(), arguments.next()) else {
        return Err(std::io::Error::other("usage: floor PORT_FILE BODY_FILE"));
    };
    let body = Bytes::from(std::fs::read(body_file)?);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        std::fs::write(port_file, listener.local_addr()?.port().to_string())?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let body = body.clone();
            let answer = service_fn(move |_| {
                let reply = hyper::Response::new(Full::new(body.clone()));
                async move { Ok::<_, Infallible>(reply) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    })
}
