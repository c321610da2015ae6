use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(format!("0.0.0.0:{}", std::env::var("PORT").unwrap()))?;
    let body = greeting::from("Rust with its crates beside it");
    for stream in listener.incoming() {
        let mut stream = stream?;
        let _ = stream.read(&mut [0; 2048]);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    }
    Ok(())
}
