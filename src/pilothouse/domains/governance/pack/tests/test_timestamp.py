"""RFC 3161: an authority of our own stamps the checkpoint; the token is verified offline."""

import io
import json
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pilothouse.domains.governance.pack import timestamp, verify_pack
from pilothouse.domains.governance.pack.tests.test_packs import read

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="the authority of this test needs openssl")

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = serial
digests = sha256, sha512
default_policy = 1.2.3.4.1
signer_digest = sha256
ess_cert_id_alg = sha256
ordering = no
accuracy = secs:1
"""


def certificate(name, key, issuer=None, issuer_key=None):
    """A certificate: a root of its own, or a stamping one under it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    return builder.sign(issuer_key or key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path, settings):
    """An authority on this machine; its root certificate."""
    folder = tmp_path / "tsa"
    folder.mkdir()
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root = certificate("Root", root_key)
    pem = serialization.Encoding.PEM
    (folder / "tsa.pem").write_bytes(certificate("Authority", key, root, root_key).public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tsa.key").write_bytes(private)
    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")

    class Stamp(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "query").write_bytes(asked)
            command = "openssl ts -reply -queryfile query -signer tsa.pem -inkey tsa.key -config tsa.cnf -out reply"
            subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
            self.send_response(200)
            self.end_headers()
            self.wfile.write((folder / "reply").read_bytes())

        def log_message(self, *arguments):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stamp)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.TIMESTAMP = f"http://127.0.0.1:{server.server_port}/"
    yield root
    server.shutdown()
    server.server_close()


def test_it_works(authority, sealed):
    data, pack = sealed()
    assert pack.trouble == ""
    files = read(data)
    token, note = files["seal/timestamp.tsr"], json.loads(files["seal/entry.json"])["checkpoint"]
    assert timestamp.verify_token(token, note, [authority]).endswith(" UTC")
    assert "RFC 3161" in verify_pack.proven(io.BytesIO(data))[-1]
    with pytest.raises(timestamp.NoTokenError):
        timestamp.verify_token(token, note + " ", [authority])
    other = certificate("Other", rsa.generate_private_key(65537, 2048))
    with pytest.raises(timestamp.NoTokenError):
        timestamp.verify_token(token, note, [other])
    changed = data.replace(token, token[:-1] + bytes([token[-1] ^ 1]))
    with pytest.raises(verify_pack.NotProvenError):
        verify_pack.proven(io.BytesIO(changed))


def test_an_authority_that_does_not_answer_stops_nothing(sealed, settings):
    settings.TIMESTAMP = "http://127.0.0.1:9/"
    data, pack = sealed()
    assert "was not reached" in pack.trouble
    assert "seal/timestamp.tsr" not in read(data)
