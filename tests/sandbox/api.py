"""The REST routes, /v1: the member, social profiles, messages and media.

In: requests that the gate has let through. Out: records in their `data` envelope.
Refused: what Hootsuite refuses, as `Refused` with its status and code; the gate writes the error answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request

from .state import MEDIA_TYPES, ORGANIZATION, Account, Behaviour, Media, Message, Profile
from .uploads import signed_url
from .wire import (
    Problem,
    Refused,
    json_answer,
    json_body,
    parse_time,
    refuse,
    rest_errors,
)

# The types of what may be sent; keys that are not listed pass here and are the contract check's business.
MESSAGE = {
    "text": str,
    "socialProfileIds": [str],
    "scheduledSendTime": str,
    "webhookUrls": [str],
    "tags": [str],
    "targeting": {"facebookPage": {}, "linkedInCompany": {}, "linkedInV2Company": {}},
    "privacy": {"facebook": {"visibility": [str]}, "linkedIn": {"visibility": [str]}},
    "location": {"latitude": float, "longitude": float},
    "emailNotification": bool,
    "mediaUrls": [{"url": str}],
    "media": [{"id": str, "videoOptions": {}}],
    "extendedInfo": [{"socialProfileType": str, "socialProfileId": str, "data": {}}],
}
MEDIA = {"sizeBytes": int, "mimeType": str}

LISTED_STATES = ("PENDING_APPROVAL", "REJECTED", "SENT", "SCHEDULED", "SEND_FAILED_PERMANENTLY")
LONGEST_RANGE = timedelta(weeks=4)
OWLY = ("http://static.ow.ly/", "https://static.ow.ly/", "http://ow.ly/i/", "https://ow.ly/i/")


def rest_routes(account: Account) -> Blueprint:
    routes = Blueprint("rest", __name__, url_prefix="/v1")

    @routes.get("/me")
    def me() -> Response:
        return json_answer({"data": account.member_record()})

    @routes.get("/me/organizations")
    def my_organizations() -> Response:
        organization = {"id": ORGANIZATION, "name": "Harbour Bakery", "logoUrl": None}
        return json_answer({"data": [account.with_nulls(organization)]})

    @routes.get("/me/socialProfiles")
    def my_profiles() -> Response:
        return json_answer({"data": [{"id": profile.id} for profile in account.visible_profiles()]})

    @routes.get("/socialProfiles")
    def profiles() -> Response:
        return json_answer({"data": [account.profile_record(one) for one in account.visible_profiles()]})

    @routes.get("/socialProfiles/<profile_id>")
    def profile(profile_id: str) -> Response:
        found = account.profiles.get(profile_id)
        if found is None:
            refuse(404, 4001, "Resource not found")
        if found.behaviour == Behaviour.HIDDEN:
            refuse(401, 4006, "Insufficient permissions to view team")  # a 401 that no new token cures
        return json_answer({"data": account.profile_record(found)})

    @routes.post("/messages")
    def create_messages() -> Response:
        body = json_body(request, MESSAGE)
        when = _send_time(account, body)
        ids = list(dict.fromkeys(body.get("socialProfileIds", [])))
        _check_message(account, body, [account.profiles[one] for one in ids if one in account.profiles])
        problems = {one: _refusal(account.profiles.get(one), body) for one in ids}
        refused = [Problem(*problem, profile=one) for one, problem in problems.items() if problem]
        if not ids:
            refuse(400, 2306, "Missing social profile ID")
        if len(refused) == len(ids):
            raise Refused(400, *refused)
        known = ("text", "socialProfileIds", "scheduledSendTime")
        written = {name: value for name, value in body.items() if name in MESSAGE and name not in known}
        created = [
            account.add_message(account.profiles[one], body.get("text"), when, written)
            for one in ids
            if not problems[one]
        ]
        answer: dict[str, Any] = {"data": [account.message_record(message) for message in created]}
        if refused:
            answer["errors"] = rest_errors(refused, account.new_uuid)
        return json_answer(answer)

    @routes.get("/messages")
    def list_messages() -> Response:
        found = _wanted_messages(account)
        limit = _limit()
        page, cursor = _page(found, limit, request.args.get("cursor"))
        if not account.knobs.cursors:
            cursor = dict.fromkeys(cursor)
        records = [account.message_record(message) for message in page]
        return json_answer({"data": records, "metadata": {"cursor": cursor}})

    @routes.get("/messages/<message_id>")
    def message(message_id: str) -> Response:
        record = account.message_record(_message(account, message_id))
        return json_answer({"data": [record] if account.knobs.one_message_as == "array" else record})

    @routes.delete("/messages/<message_id>")
    def delete_message(message_id: str) -> Response:
        if _message(account, message_id).state == "SENT":
            refuse(400, 40003, "You have attempted to delete a message that cannot be deleted in its state")
        account.delete_message(message_id)
        return json_answer({"data": {}}) if account.knobs.delete_answer == "envelope" else Response("", 200)

    @routes.get("/messages/<message_id>/history")
    def history(message_id: str) -> Response:
        actions = _message(account, message_id).actions
        if not actions:
            refuse(400, 4000, "Message is not awaiting approval")
        return json_answer({"data": {"actions": actions}})

    @routes.post("/media")
    def create_media() -> Response:
        body = json_body(request, MEDIA)
        size, mime_type = body.get("sizeBytes", 0), body.get("mimeType")
        if size < 1 or mime_type not in MEDIA_TYPES:
            refuse(400, 4000, "Schema validation failed: sizeBytes or mimeType is missing or not supported")
        media = account.add_media(size, mime_type)
        record = {
            "id": media.id,
            "uploadUrl": signed_url(account, media, "PUT", media.expires),
            "uploadUrlDurationSeconds": account.knobs.upload_url_seconds,
        }
        return json_answer({"data": record})

    @routes.get("/media/<media_id>")
    def media(media_id: str) -> Response:
        found = account.media.get(media_id.replace("%2F", "/"))  # see gate.keep_slashes
        if found is None:
            refuse(404, 4001, "Unable to find the media by id")
        return json_answer({"data": _media_record(account, found)})

    return routes


def _media_record(account: Account, media: Media) -> dict[str, Any]:
    ready = account.media_is_ready(media)
    seconds = account.knobs.upload_url_seconds
    until = account.clock.now() + timedelta(seconds=seconds)
    return {
        "id": media.id,
        "state": "READY" if ready else "QUEUED",
        "downloadUrl": signed_url(account, media, "GET", until) if ready else None,
        "downloadUrlDurationSeconds": seconds if ready else None,
    }


def _message(account: Account, message_id: str) -> Message:
    found = account.messages.get(message_id)
    if found is None:
        refuse(404, 4001, "Unable to find the message by id")
    return found


# -- creating --------------------------------------------------------------------------------------------


def _send_time(account: Account, body: dict[str, Any]) -> datetime | None:
    text = body.get("scheduledSendTime")
    if text is None:
        return None
    if not text.endswith("Z"):
        refuse(400, 4000, "Schema validation failed: scheduledSendTime must end with 'Z'")
    when = parse_time("scheduledSendTime", text)
    if when < account.clock.now():
        refuse(400, 4000, "Schema validation failed: scheduledSendTime is in the past")
    return when


def _check_message(account: Account, body: dict[str, Any], profiles: Sequence[Profile]) -> None:
    """What refuses the message as a whole, whichever profiles it is for."""
    networks = [profile.type for profile in profiles]
    if networks.count("TWITTER") > 1:
        refuse(400, 40023, "Twitter only allows 1 network per message")
    if "PINTEREST" in networks and len(networks) > 1:
        refuse(400, 4000, "Schema validation failed: Pinterest cannot be bundled with other social profiles")
    if not (body.get("text") or body.get("media") or body.get("mediaUrls")):
        refuse(400, 4000, "Schema validation failed: the message is empty")
    place = body.get("location", {})
    if abs(place.get("latitude", 0)) > 90 or abs(place.get("longitude", 0)) > 180:
        refuse(400, 4000, "Schema validation failed: location is not on Earth")
    if not all(item.get("url", "").startswith(OWLY) for item in body.get("mediaUrls", [])):
        refuse(400, 40004, "Only attachments from http://static.ow.ly or http://ow.ly/i/ are allowed")
    for item in body.get("media", []):
        media = account.media.get(item.get("id", ""))
        if media is None:
            refuse(400, 4001, "Unable to find the media by id")
        if not account.media_is_ready(media):
            refuse(400, 40021, "Uploaded media is not yet ready to be used (further processing required)")


def _refusal(profile: Profile | None, body: dict[str, Any]) -> tuple[int, str] | None:
    """Why this one profile does not take the message, if it does not."""
    if profile is None:
        return 4001, "Unable to find the social profile by id"
    if profile.behaviour == Behaviour.HIDDEN:
        return 4006, "Insufficient permissions to view team"
    if profile.behaviour == Behaviour.REFUSES:
        return 4000, "Could not create message for social profile"
    if body.get("tags") and not profile.owned_by_organization:
        return 40001, "Social profile isn't owned by organization (required for posting messages with tags)"
    return None


# -- listing ---------------------------------------------------------------------------------------------


def _wanted_messages(account: Account) -> list[Message]:
    """The messages that the query asks for, the earliest first. Both ends of the range belong to it."""
    args = request.args
    if not (args.get("startTime") and args.get("endTime")):
        refuse(400, 4000, "Schema validation failed: startTime and endTime are required")
    start, end = parse_time("startTime", args["startTime"]), parse_time("endTime", args["endTime"])
    if end < start:
        refuse(400, 4000, "Schema validation failed: endTime is before startTime")
    if end - start > LONGEST_RANGE:
        refuse(400, 40020, "Specified date range is too large")
    state = args.get("state")
    if state is not None and state not in LISTED_STATES:
        refuse(400, 40019, "Message state filter not supported")
    unscheduled = args.get("includeUnscheduledReviewMsgs", "false")
    if unscheduled not in ("true", "false"):
        refuse(400, 40022, "Invalid boolean for includeUnscheduledReviewMsgs flag")
    profiles = set(args.getlist("socialProfileIds"))

    def wanted(message: Message) -> bool:
        if message.scheduled is None:
            in_range = unscheduled == "true" and message.state == "PENDING_APPROVAL"
        else:
            in_range = start <= message.scheduled <= end
        in_state = state is None or message.state == state
        return in_range and in_state and (not profiles or message.profile.id in profiles)

    return sorted(filter(wanted, account.messages.values()), key=lambda message: message.order)


def _limit() -> int:
    text = request.args.get("limit", "50")
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        refuse(400, 4000, "Schema validation failed: limit must be a number from 1 to 100")
    return int(text)


def _page(found: list[Message], limit: int, cursor: str | None) -> tuple[list[Message], dict[str, str | None]]:
    """One page and the cursors before and after it, in Hootsuite's form MILLISECONDS:ID:DIRECTION.

    Direction 0 reads on behind that message, 1 back before it: deleting in between loses nothing.
    """
    first = 0
    if cursor is not None:
        parts = cursor.split(":")
        if len(parts) != 3 or not all(part.isdecimal() for part in parts) or parts[2] not in ("0", "1"):
            refuse(400, 3020, "Invalid cursor format")
        edge = int(parts[0]), int(parts[1])
        if parts[2] == "0":
            first = sum(message.order <= edge for message in found)
        else:
            first = max(0, sum(message.order < edge for message in found) - limit)
    page = found[first : first + limit]
    before = "{}:{}:1".format(*page[0].order) if page and first else None
    after = "{}:{}:0".format(*page[-1].order) if page and first + limit < len(found) else None
    return page, {"next": after, "previous": before}
