"""What a message to a partner says of a person, by the privacy classes of the contract. Written down
here a second time, on purpose: the services find it by themselves, for the statement that is printed
for the person.

The history knows it as a digest: the same for the same items, and of no use to a reader."""
import hashlib
import json


def _privacy(field, of_outer):
    from veille.common.v1 import privacy_pb2
    own = field.GetOptions().Extensions[privacy_pb2.privacy]
    return own or field.containing_type.GetOptions().Extensions[privacy_pb2.privacy_default] or of_outer


def _text(field, value):
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known is not None else str(value)
    return value if isinstance(value, str) else json.dumps(value)


def items(message, outer="", of_outer=1):
    """[(name, [value])], in the order of the contract."""
    found = []
    for field, value in sorted(message.ListFields(), key=lambda pair: pair[0].number):
        privacy, name = _privacy(field, of_outer), outer + field.name
        values = list(value) if field.label == field.LABEL_REPEATED else [value]
        if field.message_type is not None:
            for number, inner in enumerate(values):
                path = f"{name}[{number}]." if field.label == field.LABEL_REPEATED else f"{name}."
                found += items(inner, path, privacy)
        elif privacy > 2:  # more than a pseudonym
            found.append((name, [_text(field, one) for one in values]))
    return found


def digest(what):
    """Of items; None when there are none: nothing is told."""
    text = json.dumps([[name, list(values)] for name, values in what])
    return hashlib.sha256(text.encode()).hexdigest()[:16] if what else None
