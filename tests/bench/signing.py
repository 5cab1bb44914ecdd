"""Requests signed as the vendors' SDKs sign them, with the key that every scenario knows.

The same signature of Huawei's, and the same token of Authing's, may come again and again; a
nonce of Alibaba's may not, so there each request has a signature of its own.
"""
import base64
import hashlib
import hmac
import itertools
import json
import time
import urllib.request
from urllib.parse import parse_qsl, quote, urlsplit

KEY, SECRET = "testid", "testsecret"
# Nonces are of a key, whatever it calls.
NUMBERS = itertools.count()


def escaped(text):
    return quote(text, safe="-_.~")


def joined(parameters):
    return "&".join(f"{escaped(name)}={escaped(value)}" for name, value in sorted(parameters))


def parameters_of(path):
    return parse_qsl(urlsplit(path).query, keep_blank_values=True)


def huawei(url, path, at):
    """The headers of a GET with SDK-HMAC-SHA256, at that second of virtual time. The host is
    signed as well; every client sends it by itself."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    signed = {"host": urlsplit(url).netloc, "x-project-id": path.split("/")[2], "x-sdk-date": date}
    names = ";".join(signed)
    canonical = "\n".join([
        "GET", urlsplit(path).path + "/", joined(parameters_of(path)),
        *(f"{name}:{value}" for name, value in signed.items()), "",
        names, hashlib.sha256(b"").hexdigest(),
    ])
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"SDK-HMAC-SHA256\n{date}\n{hashed}"
    signature = hmac.new(SECRET.encode(), text.encode(), "sha256").hexdigest()
    authorization = f"SDK-HMAC-SHA256 Access={KEY}, SignedHeaders={names}, Signature={signature}"
    return {"x-project-id": signed["x-project-id"], "x-sdk-date": date, "authorization": authorization}


def authing(url):
    """The headers with a management token of that server's."""
    body = json.dumps({"accessKeyId": KEY, "accessKeySecret": SECRET}).encode()
    request = urllib.request.Request(f"{url}/api/v3/get-management-token", data=body,
                                     headers={"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return {"authorization": "Bearer " + json.load(answer)["data"]["access_token"]}


class Alibaba:
    """A GET with signature V1 at that second of virtual time, as often as one likes: `path`
    goes before each of the `endings`."""

    def __init__(self, path, at):
        parameters = parameters_of(path) + [
            ("AccessKeyId", KEY), ("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0"),
            ("Timestamp", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))),
        ]
        self.path = f"/?{joined(parameters)}&SignatureNonce="
        text = "GET&%2F&" + escaped(joined([*parameters, ("SignatureNonce", "NONCE")]))
        self.before, self.after = text.encode().split(b"NONCE")

    def endings(self, count):
        """Nonces that were not used yet, each with its signature."""
        for number in itertools.islice(NUMBERS, count):
            nonce = f"{number:032x}"
            text = self.before + nonce.encode() + self.after
            digest = hmac.digest(SECRET.encode() + b"&", text, "sha1")
            yield f"{nonce}&Signature={quote(base64.b64encode(digest), safe='')}"
