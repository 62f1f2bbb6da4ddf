//! A session that is over, where nobody can be asked: a sentence, the next step, and an exit code of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Output, Stdio};

use zonke_testkit::Sandbox;

/// Stands in for AWS and calls every session over.
fn refusing_aws() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // One read is enough to answer: nothing depends on the request.
            let _read = stream.read(&mut [0; 8192]);
            let body = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is \
                expired</Message></Error><RequestId>r</RequestId></ErrorResponse>";
            let head = format!(
                "HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _written = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    address
}

/// A profile with a session that AWS has ended.
fn with_ended_session() -> Sandbox {
    let sandbox = Sandbox::new();
    let config = format!(
        "[profile work]\nregion = eu-west-1\nendpoint_url = http://{}\n",
        refusing_aws()
    );
    sandbox.write_aws_file("config", &config);
    sandbox.write_aws_file(
        "credentials",
        "[work]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\naws_session_token = t\n",
    );
    sandbox
}

fn zonke(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_zonke"));
    command.args(arguments).stdin(Stdio::null());
    command.output().expect("run zonke")
}

#[test]
fn a_script_learns_from_the_exit_code_that_somebody_has_to_sign_in() {
    let sandbox = with_ended_session();
    let output = zonke(&sandbox, &["apps", "--profile", "work"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("zonke profile sign-in") && said.contains("nothing is done twice"),
        "{said}"
    );
}

#[test]
fn another_failure_has_the_usual_exit_code() {
    let output = zonke(&with_ended_session(), &["apps", "--profile", "nobody"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}
