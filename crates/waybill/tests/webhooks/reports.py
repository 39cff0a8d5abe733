"""Takes a mail apart as mail programs do: reads it from standard input, tells it as JSON."""

import email
import email.policy
import json
import sys

mail = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
assert not mail.defects, mail.defects
headers = {name: str(value) for name, value in mail.items()}
assert len(headers) == len(mail.items()), "a header stands twice"
kinds = [part.get_content_type() for part in mail.walk()]
text = mail.get_body(("plain",)).get_content()
html = mail.get_body(("html",)).get_content()
print(json.dumps({"headers": headers, "kinds": kinds, "text": text, "html": html}))
