"""The account behind the stand-in: its clock, member, profiles, messages, media and Amplify topics.

In: what the routes have checked, and what tests arrange by hand. Out: the records that answers are made of.
Refused: nothing; the routes decide what is allowed. Everything lives in memory.
"""

import base64
import heapq
import random
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .knobs import Knobs, SandboxClock
from .wire import show_time, show_time_with_milliseconds

# The ids of the default account. Tests and documentation may rely on them.
MEMBER = "15240001"
ORGANIZATION = "626001"
TWITTER = "115185501"
TWITTER_SECOND = "115185502"
FACEBOOK_PAGE = "115185503"
LINKEDIN_COMPANY = "115185504"
PINTEREST = "115185505"
INSTAGRAM_BUSINESS = "115185506"  # must be connected anew: isReauthRequired 1
FAILING = "115185507"  # its posts become SEND_FAILED_PERMANENTLY
REFUSING = "115185508"  # refuses every message at creation
REVIEWED = "115185509"  # its posts wait for an approval
HIDDEN = "115185510"  # exists, but this member may not see it

MEDIA_TYPES = {
    "video/mp4": ".mp4",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/png": ".png",
}

# Never null at random: what names a record, and what the member wrote. Hootsuite empties the fields it adds.
KEPT = {
    *("id", "state", "type", "postId", "sequenceNumber", "socialProfile", "scheduledSendTime", "text"),
    *("webhookUrls", "tags", "targeting", "privacy", "location", "emailNotification"),
    *("mediaUrls", "media", "extendedInfo"),
    *("name", "fullName", "email", "timezone", "defaultTimezone"),
}


class Behaviour(StrEnum):
    """What a profile does with the messages it is given."""

    PUBLISHES = "publishes"
    FAILS = "fails at publishing"
    REFUSES = "refuses at creation"
    REVIEW = "under review"
    HIDDEN = "not visible to the member"


@dataclass
class Profile:
    id: str
    type: str
    username: str | None
    owned_by_organization: bool = False
    reauth: int = 0
    behaviour: Behaviour = Behaviour.PUBLISHES

    @property
    def url(self) -> str:
        return f"https://social.example/{self.type.lower()}/{self.id}"


@dataclass
class Message:
    """One message for one profile. `written` holds the other fields of the request, as they came."""

    id: str
    profile: Profile
    text: str | None
    scheduled: datetime | None
    created: datetime
    state: str
    written: dict[str, Any]
    post_id: str | None = None
    sequence: int | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)  # the review's history; empty: never reviewed

    @property
    def order(self) -> tuple[int, int]:
        """The place in a listing: milliseconds, then the id, the two parts of Hootsuite's own cursors."""
        return int((self.scheduled or self.created).timestamp() * 1000), int(self.id)


@dataclass(frozen=True)
class Change:
    """A message has entered a state. `in_dashboard`: a person did that in Hootsuite, not a client of the API."""

    message: Message
    state: str
    at: datetime
    in_dashboard: bool = False


@dataclass
class Media:
    id: str
    key: str  # the path on the upload host
    size: int
    mime_type: str
    expires: datetime
    uploaded: datetime | None = None
    sha256: str | None = None  # of the bytes received; the bytes themselves are not kept


@dataclass
class Topic:
    name: str
    privacy: str
    count: int = 0
    last_activity: datetime | None = None


def _default_profiles() -> list[Profile]:
    org, own = True, False
    return [
        Profile(TWITTER, "TWITTER", None, own),
        Profile(TWITTER_SECOND, "TWITTER", None, org),
        Profile(FACEBOOK_PAGE, "FACEBOOKPAGE", "Harbour Bakery", org),
        Profile(LINKEDIN_COMPANY, "LINKEDINCOMPANY", "harbour-bakery", org),
        Profile(PINTEREST, "PINTEREST", "harbourbakery", own),
        Profile(INSTAGRAM_BUSINESS, "INSTAGRAMBUSINESS", "harbour.bakery", org, reauth=1),
        Profile(FAILING, "FACEBOOKPAGE", "Harbour Bakery (fails)", org, behaviour=Behaviour.FAILS),
        Profile(REFUSING, "LINKEDIN", "robin-harbour", own, behaviour=Behaviour.REFUSES),
        Profile(REVIEWED, "FACEBOOKPAGE", "Harbour Bakery (reviewed)", org, behaviour=Behaviour.REVIEW),
        Profile(HIDDEN, "FACEBOOKPAGE", "Somebody else's page", org, behaviour=Behaviour.HIDDEN),
    ]


class Account:
    """Everything the stand-in remembers. The routes hold `lock` while they work; so do the helpers here."""

    def __init__(self, clock: SandboxClock, seed: int, knobs: Knobs) -> None:
        self.clock = clock
        self.knobs = knobs
        self.lock = threading.RLock()
        self.on_change: Callable[[Change], None] = lambda change: None  # called with the lock held
        self.upload_url = ""  # set when the upload host has its port
        self.tokens: set[str] = set()
        self.profiles = {profile.id: profile for profile in _default_profiles()}
        self.media: dict[str, Media] = {}
        self.topics: dict[str, Topic] = {}
        self.amplify_messages: list[dict[str, Any]] = []  # as asked for; id and createdDate added
        self._random = random.Random(seed)
        self.upload_secret = self.new_hex(40)
        self._messages: dict[str, Message] = {}
        self._due: list[tuple[datetime, int]] = []  # a heap of what waits for its time
        self._last_id = 4_138_476_000

    # -- small makers, all from the one seed -------------------------------------------------------------

    def new_uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def new_hex(self, digits: int) -> str:
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def issue_token(self) -> str:
        token = "sandbox-" + self.new_hex(40)
        self.tokens.add(token)
        return token

    def with_nulls(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record, some of the fields that Hootsuite adds emptied at random."""
        return {
            name: None if name not in KEPT and self._random.random() < self.knobs.null_rate else value
            for name, value in record.items()
        }

    # -- profiles ----------------------------------------------------------------------------------------

    def visible_profiles(self) -> list[Profile]:
        return [profile for profile in self.profiles.values() if profile.behaviour != Behaviour.HIDDEN]

    def mark(self, profile_id: str, behaviour: Behaviour) -> None:
        """Changes what a profile does from now on."""
        self.profiles[profile_id].behaviour = behaviour

    # -- messages ----------------------------------------------------------------------------------------

    @property
    def messages(self) -> dict[str, Message]:
        """All messages by id, each in the state it has by now."""
        with self.lock:
            now = self.clock.now()
            while self._due and self._due[0][0] <= now:
                message = self._messages.get(str(heapq.heappop(self._due)[1]))
                if message and message.state == "SCHEDULED":
                    self._publish(message)
            return self._messages

    def add_message(
        self, profile: Profile, text: str | None, scheduled: datetime | None, written: dict[str, Any]
    ) -> Message:
        """A new message in its first state; without a time it goes out at once."""
        with self.lock:
            self._last_id += self._random.randint(1, 9)
            when = scheduled.replace(microsecond=0) if scheduled else None
            now = self.clock.now()
            message = Message(str(self._last_id), profile, text, when, now, "SCHEDULED", written)
            self._messages[message.id] = message
            if profile.behaviour == Behaviour.REVIEW:
                message.sequence = 1
                self._note(message, "MEMBER", "CREATE")
                self._enter(message, "PENDING_APPROVAL")
            else:
                if when and when > now:
                    self._enter(message, "SCHEDULED")  # what is sent at once never was
                self._schedule(message)
            return message

    def seed_messages(
        self,
        count: int,
        profile_id: str = FACEBOOK_PAGE,
        first: datetime | None = None,
        every: timedelta = timedelta(minutes=1),
        text: str = "Message",
    ) -> list[Message]:
        """`count` messages one after the other, from an hour ahead on: SCHEDULED, or SENT in the past."""
        start = first or self.clock.now() + timedelta(hours=1)
        profile = self.profiles[profile_id]
        return [self.add_message(profile, f"{text} {n + 1}", start + n * every, {}) for n in range(count)]

    def approve(self, message_id: str) -> None:
        """What a reviewer does in Hootsuite's dashboard: the message goes its way."""
        with self.lock:
            message = self._reviewed(message_id, "APPROVE")
            self._enter(message, "APPROVED", in_dashboard=True)
            self._note(message, "SYSTEM", "SCHEDULE")
            self._enter(message, "SCHEDULED", in_dashboard=True)
            self._schedule(message)

    def reject(self, message_id: str) -> None:
        with self.lock:
            self._enter(self._reviewed(message_id, "REJECT"), "REJECTED", in_dashboard=True)

    def delete_message(self, message_id: str) -> None:
        with self.lock:
            self._enter(self._messages.pop(message_id), "DELETED")

    def _reviewed(self, message_id: str, action: str) -> Message:
        message = self.messages[message_id]
        if message.state != "PENDING_APPROVAL":
            raise ValueError(f"message {message_id} is {message.state}, not PENDING_APPROVAL")
        message.sequence = (message.sequence or 0) + 1
        self._note(message, "MEMBER", action)
        return message

    def _schedule(self, message: Message) -> None:
        now = self.clock.now()
        if message.scheduled and message.scheduled > now:
            heapq.heappush(self._due, (message.scheduled, int(message.id)))
        else:
            message.scheduled = message.scheduled or now.replace(microsecond=0)
            self._publish(message)

    def _publish(self, message: Message) -> None:
        failed = message.profile.behaviour == Behaviour.FAILS
        message.post_id = None if failed else str(self._random.randrange(10**17, 10**18))
        if message.actions:
            self._note(message, "SYSTEM", "SENDFAIL" if failed else "SEND")
        self._enter(message, "SEND_FAILED_PERMANENTLY" if failed else "SENT")

    def _enter(self, message: Message, state: str, in_dashboard: bool = False) -> None:
        message.state = state
        self.on_change(Change(message, state, self.clock.now(), in_dashboard))

    def _note(self, message: Message, actor: str, action: str) -> None:
        entry = {"actorType": actor, "actorId": MEMBER, "actionType": action}
        message.actions.append(entry | {"timestamp": show_time_with_milliseconds(self.clock.now())})

    # -- media -------------------------------------------------------------------------------------------

    def add_media(self, size: int, mime_type: str) -> Media:
        key = f"production/{MEMBER}_{self.new_uuid()}{MEDIA_TYPES[mime_type]}"
        # A media id is the base64 of an address, so it ends with '='; three '~' or '?' in a row put a '+' or
        # a '/' into it, wherever they fall.
        address = "https://hootsuite-video.s3.amazonaws.com/" + key + ("", "~~~", "???")[len(self.media) % 3]
        if len(address) % 3 == 0:
            address += "."
        media_id = base64.b64encode(address.encode()).decode()
        expires = self.clock.now() + timedelta(seconds=self.knobs.upload_url_seconds)
        media = Media(media_id, key, size, mime_type, expires)
        self.media[media.id] = media
        return media

    def media_at(self, path: str) -> Media | None:
        """The media whose place on the upload host this is."""
        with self.lock:
            return next((media for media in self.media.values() if "/" + media.key == path), None)

    def media_is_ready(self, media: Media) -> bool:
        wait = timedelta(seconds=self.knobs.processing_seconds)
        return media.uploaded is not None and media.uploaded + wait <= self.clock.now()

    # -- Amplify -----------------------------------------------------------------------------------------

    def touch_topics(self, names: Iterable[str]) -> None:
        """Counts a message for each topic; a topic nobody has heard of begins to exist."""
        for name in names:
            topic = self.topics.setdefault(name, Topic(name, "opened"))
            topic.count += 1
            topic.last_activity = self.clock.now()

    # -- records, as answers show them -------------------------------------------------------------------

    def member_record(self) -> dict[str, Any]:
        return self.with_nulls(
            {
                "id": MEMBER,
                "email": "robin@harbour-bakery.example",
                "isActive": True,
                "createdDate": "2013-05-29T13:27:24Z",
                "modifiedDate": "2024-02-01T09:00:00Z",
                "fullName": "Robin Harbour",
                "companyName": "Harbour Bakery",
                "bio": None,
                self.knobs.time_zone_field: "America/Vancouver",
                "language": "en",
            }
        )

    def profile_record(self, profile: Profile) -> dict[str, Any]:
        avatar = None if profile.type == "TWITTER" else f"{profile.url}/avatar.png"
        return self.with_nulls(
            {
                "id": profile.id,
                "type": profile.type,
                "socialNetworkId": f"90{profile.id}",
                "socialNetworkUsername": profile.username,
                "avatarUrl": avatar,
                "owner": "ORGANIZATION" if profile.owned_by_organization else "MEMBER",
                "ownerId": ORGANIZATION if profile.owned_by_organization else MEMBER,
                "isReauthRequired": profile.reauth,
            }
        )

    def message_record(self, message: Message) -> dict[str, Any]:
        """Every documented field is there; what was not given is null, as in recorded answers."""
        profile = message.profile
        with_url = profile.type in ("FACEBOOK", "FACEBOOKPAGE", "LINKEDIN", "LINKEDINCOMPANY")
        reviewed = message.state == "PENDING_APPROVAL"
        return self.with_nulls(
            {
                "id": message.id,
                "state": message.state,
                "text": message.text,
                "socialProfile": {"id": profile.id, "externalURL": profile.url},
                "scheduledSendTime": show_time(message.scheduled) if message.scheduled else None,
                **_echo(message.written),
                "postId": message.post_id,
                "postUrl": f"{profile.url}/posts/{message.post_id}" if message.post_id and with_url else None,
                "createdByMember": {"id": MEMBER},
                "lastUpdatedByMember": {"id": MEMBER},
                "sequenceNumber": message.sequence if reviewed else None,
                "reviewers": [{"id": MEMBER, "type": "MEMBER"}] if reviewed else None,
            }
        )

    def topic_record(self, topic: Topic) -> dict[str, Any]:
        last = show_time_with_milliseconds(topic.last_activity) if topic.last_activity else None
        return {"name": topic.name, "count": topic.count, "lastActivityDate": last, "privacy": topic.privacy}


def _echo(written: dict[str, Any]) -> dict[str, Any]:
    """What comes back of the fields that the request set: answers know no LinkedIn V2 targeting."""
    targeting = written.get("targeting")
    media, media_urls = written.get("media"), written.get("mediaUrls")
    return {
        "webhookUrls": written.get("webhookUrls"),
        "tags": written.get("tags"),
        "targeting": targeting and {k: v for k, v in targeting.items() if k != "linkedInV2Company"},
        "privacy": written.get("privacy"),
        "location": written.get("location"),
        "emailNotification": written.get("emailNotification"),
        "mediaUrls": media_urls and [{"thumbnailUrl": one["url"], "url": one["url"]} for one in media_urls],
        "media": media and [{"thumbnailId": None, "videoOptions": None} | one for one in media],
        "extendedInfo": written.get("extendedInfo"),
    }
