"""The upload host, on a port of its own: it behaves like S3 with pre-signed addresses.

In: PUT requests with exactly the length and type that POST /v1/media was told. Out: empty answers.
Refused, in S3's XML: other methods (405), an Authorization header (400), bytes of unknown length (411), a
wrong length, type or signature, an address that has expired (403). Bytes are counted and hashed, not kept.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from flask import Flask, Response, request

from .control import Control, Recorded
from .state import Account, Media

KEY_ID = "AKIASANDBOXSANDBOX00"
CHUNK = 64 * 1024


def signed_url(account: Account, media: Media, method: str, expires: datetime) -> str:
    """An address that is its own permission; the signature is base64, so its '+', '/' and '=' are escaped."""
    seconds = str(int(expires.timestamp()))
    signature = _signature(account, media, method, seconds)
    query = urlencode({"AWSAccessKeyId": KEY_ID, "Expires": seconds, "Signature": signature})
    return f"{account.upload_url}/{media.key}?{query}"


def _signature(account: Account, media: Media, method: str, expires: str) -> str:
    signed = "\n".join((method, media.mime_type, str(media.size), expires, media.key))
    return base64.b64encode(hmac.digest(account.upload_secret.encode(), signed.encode(), "sha1")).decode()


def build_uploads(account: Account, control: Control) -> Flask:
    app = Flask(__name__, static_folder=None)

    @app.before_request
    def receive() -> Response:
        """Every request ends here, since a before_request that answers leaves the routes aside."""
        recorded = control.record(request, "upload")
        script = control.take(request.method, recorded.path)
        admitted = _admit(account)
        _read(recorded)
        if script and not script.carried_out:
            answer = control.play(script, request)
        else:
            answer = admitted if isinstance(admitted, Response) else _accept(account, admitted, recorded.sha256)
            answer = control.play(script, request) if script else answer
        recorded.status = None if script and script.status is None else answer.status_code
        return answer

    return app


def _read(recorded: Recorded) -> None:
    """Refused bytes are read too: the connection stays usable and the client gets to see the answer."""
    digest = hashlib.sha256()
    while chunk := request.stream.read(CHUNK):
        recorded.size += len(chunk)
        digest.update(chunk)
    recorded.sha256 = digest.hexdigest()


def _accept(account: Account, media: Media, sha256: str) -> Response:
    """The first upload counts; later ones are accepted and thrown away."""
    with account.lock:
        if media.uploaded is None:
            media.uploaded, media.sha256 = account.clock.now(), sha256
    return Response("", 200, {"ETag": f'"{sha256[:32]}"'})


def _admit(account: Account) -> Media | Response:
    """The media that this request may upload, or the refusal."""
    if request.method != "PUT":
        return _xml(405, "MethodNotAllowed", "Only PUT is allowed here.")
    if "Authorization" in request.headers:
        return _xml(400, "InvalidArgument", "Only one authentication is allowed: the signature or a header.")
    if request.content_length is None:
        return _xml(411, "MissingContentLength", "Content-Length is required.")
    media = account.media_at(request.path)
    expires, signature = request.args.get("Expires", ""), request.args.get("Signature", "")
    if media is None or not expires.isdecimal():
        return _xml(403, "AccessDenied", "Access Denied")
    wanted = _signature(account, media, "PUT", expires)
    fits = (request.headers.get("Content-Type"), request.content_length) == (media.mime_type, media.size)
    if not fits or not hmac.compare_digest(wanted.encode(), signature.encode()):
        return _xml(403, "SignatureDoesNotMatch", "The signature does not fit: check type and length.")
    if datetime.fromtimestamp(int(expires), UTC) < account.clock.now():
        return _xml(403, "AccessDenied", "Request has expired")
    return media


def _xml(status: int, code: str, message: str) -> Response:
    parts = f"<Code>{code}</Code><Message>{escape(message)}</Message><RequestId>0A1B2C3D4E5F6071</RequestId>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{parts}</Error>'
    return Response(text, status, mimetype="application/xml")
