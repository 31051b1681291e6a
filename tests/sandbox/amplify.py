"""The Amplify routes, /amplify/v1: the member, organizations, topics and messages (suggestions among them).

In: requests that the gate has let through. Out: records in their `data` envelope.
Refused: creating anything without the role Content Admin (403, code 3001), fields of the wrong type.
Not imitated: the X-Fields mask, and GET /me/messages, which Hootsuite does not publish.
"""

from typing import Any

from flask import Blueprint, Response, request

from .state import ORGANIZATION, Account, Topic
from .wire import json_answer, json_body, parse_time, refuse, show_time_with_milliseconds

# What may be sent and comes back, and what may be sent only.
SHOWN = {
    "text": str,
    "photoUrl": str,
    "topics": [str],
    "expiryDate": str,
    "publishedDate": str,
    "isPinned": bool,
    "isShareable": bool,
    "owlyPhotoAttachment": {"mimeType": str, "thumbnailUrl": str, "url": str},
    "pdfAttachment": {},
    "videoAttachment": {},
    "shareableNetworks": {},
    "privacySettings": {"tiktokbusiness": {}},
}
ASKED = {
    "isSuggested": bool,
    "suggestionReason": str,
    "isPublished": bool,
    "isEditable": bool,
    "isNativeShareEnabled": bool,
    "photoUriBase64": str,
    "srcNetwork": str,
    "srcUser": str,
}
ADDED: dict[str, Any] = {
    "text": None,
    "photoUrl": None,
    "topics": [],
    "isPinned": False,
    "isShareable": True,
    "isDeleted": False,
    "isReshareable": False,
    "isReshareableWithThoughts": False,
    "content": {},
}
TOPIC = {"name": str, "privacy": str}
LONGEST_TOPIC = 20


def amplify_routes(account: Account) -> Blueprint:
    routes = Blueprint("amplify", __name__, url_prefix="/amplify/v1/me")

    @routes.get("/")
    def me() -> Response:
        roles = ["subscriber"] + ["content_admin"] * account.knobs.content_admin
        member = {"email": "robin@harbour-bakery.example", "name": "Robin Harbour", "roles": roles}
        return json_answer({"data": member})

    @routes.get("/organizations")
    def organizations() -> Response:
        networks = dict.fromkeys(("facebook", "facebookpage", "hootsuite", "linkedin", "twitter"), True)
        organization = {
            "id": "59d6df3c6bc0160ba6e15f73",
            "hootId": int(ORGANIZATION),
            "name": "Harbour Bakery",
            "enabledNetworks": networks,
        }
        return json_answer({"data": [organization]})

    @routes.get("/topics")
    def topics() -> Response:
        return json_answer({"data": [account.topic_record(topic) for topic in account.topics.values()]})

    @routes.post("/topics")
    def create_topic() -> Response:
        _only_content_admins(account)
        body = json_body(request, TOPIC)
        name, privacy = body.get("name", ""), body.get("privacy", "opened")
        if not 1 <= len(name) <= LONGEST_TOPIC or privacy not in ("opened", "closed"):
            refuse(400, 4000, f"A topic needs a name of at most {LONGEST_TOPIC} characters, opened or closed")
        topic = account.topics.setdefault(name, Topic(name, privacy))  # one that exists stays as it is
        return json_answer({"data": account.topic_record(topic)})

    @routes.post("/messages")
    def create_message() -> Response:
        _only_content_admins(account)
        body = json_body(request, SHOWN | ASKED)
        for name in ("expiryDate", "publishedDate"):
            if name in body:
                parse_time(name, body[name])
        now = show_time_with_milliseconds(account.clock.now())
        made = {"id": account.new_hex(24), "createdDate": now}
        account.amplify_messages.append(body | made)
        account.touch_topics(body.get("topics", []))
        # A draft or a suggestion is not visible yet, so it has no publishedDate of the service's making.
        published = {"publishedDate": now} if body.get("isPublished") else {}
        asked = {name: value for name, value in body.items() if name in SHOWN}
        return json_answer({"data": account.with_nulls(ADDED | published) | asked | made})

    return routes


def _only_content_admins(account: Account) -> None:
    if not account.knobs.content_admin:
        refuse(403, 3001, "User does not have the permission for requested action.")
