"""Chains and papers made of values alone, for tests that need no database."""

import io
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from lms.ledger import chain, record, seal
from lms.ledger.types import ATTACHMENT, GENESIS, Bundle, PublicKey, SealedEntry, SignedCheckpoint
from lms.ledger.verify import ROTATED

SCHOOL = "5c1d" * 8


def key(n: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)


def published(*private: Ed25519PrivateKey, **changes) -> dict[str, PublicKey]:
    publics = [seal.public_of(each) for each in private]
    return {seal.key_id(public): PublicKey(seal.key_id(public), public, **changes) for public in publics}


@dataclass
class Chain:
    """A school's record in memory."""

    private: Ed25519PrivateKey = field(default_factory=lambda: key(1))
    school: str = SCHOOL
    entries: list[SealedEntry] = field(default_factory=list)
    values: dict[int, list] = field(default_factory=dict)

    @property
    def head(self) -> str:
        return self.entries[-1].hash if self.entries else GENESIS

    def append(self, kind: str = "sheet.signed", content: dict | None = None, **values: str) -> SealedEntry:
        salts = {name: bytes([n]) * 16 for n, name in enumerate(sorted(values))}
        shown = chain.draft(kind, school=self.school, content=content or {}, values=values, salts=salts)
        received = {"signed_at": "2026-11-20T17:04:00.000000Z", "signer": {"name": "Iris Vega"}}
        seq = len(self.entries) + 1
        text = chain.entry_text(self.school, seq, self.head, statement=shown.content, received=received)
        self.entries.append(sealed(self.private, seq, text))
        self.values[seq] = [{"name": n, "value": v, "salt": salts[n].hex()} for n, v in sorted(values.items())]
        return self.entries[-1]

    def rotate(self, new: Ed25519PrivateKey) -> SealedEntry:
        entry = self.append(ROTATED, {"new_key": seal.key_id(seal.public_of(new))})
        self.private = new
        return entry

    def checkpoint(self, size: int | None = None) -> SignedCheckpoint:
        size = len(self.entries) if size is None else size
        return seal.checkpoint(self.private, self.school, size, self.entries[size - 1].hash if size else GENESIS)

    def bundle(self, seq: int) -> Bundle:
        return record.bundle(self.entries[seq - 1], self.checkpoint(seq), self.values[seq])


def sealed(private: Ed25519PrivateKey, seq: int, text: str) -> SealedEntry:
    digest = chain.entry_hash(text)
    return SealedEntry(seq, text, digest, seal.seal(private, digest), seal.key_id(seal.public_of(private)))


def of_length(n: int) -> Chain:
    made = Chain()
    for i in range(n):
        made.append(content={"try": i + 1}, comment=f"comment {i}")
    return made


def with_entry(entries: list[SealedEntry], seq: int, /, **changes) -> list[SealedEntry]:
    return [replace(entry, **changes) if entry.seq == seq else entry for entry in entries]


CERTIFICATE = {
    "document": {"facts": {"serial": "LGS-MTR-2026-000123-7", "hours": "100"}, "values": ["name"]},
    "subject": {"user": 7},
}
LINES = ["Certificate of Completion", "Maya Okafor", "100 clock hours in all", "Serial LGS-MTR-2026-000123-7"]


def certificate_chain(name: str = "Maya Okafor") -> Chain:
    made = of_length(2)
    made.append("certificate.issued", CERTIFICATE, name=name)
    return made


def paper(lines: list[str], **attached: bytes) -> bytes:
    """A one-page PDF in Helvetica; attachments are named by keyword, `record` meaning record.json."""
    writer = PdfWriter()
    page = writer.add_blank_page(612, 792)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font_object = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): font_object})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = DecodedStreamObject()
    shown = "".join(f"({line}) Tj 0 -24 Td " for line in lines)
    content.set_data(f"BT /F1 14 Tf 72 700 Td {shown}ET".encode())
    page[NameObject("/Contents")] = content
    for name, data in attached.items():
        writer.add_attachment(ATTACHMENT if name == "record" else name, data)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def certificate_pdf(made: Chain, lines: list[str] = LINES) -> bytes:
    return paper(lines, record=record.bundle_text(made.bundle(3)).encode())
