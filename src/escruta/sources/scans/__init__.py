"""Pictures of sheets: opened with care, their codes and figures read, what must not be seen painted over.

The doors::

    for picture in open_pictures(path):          # bytes of any kind -> pixels, within limits
        for code in read_codes(picture):         # the codes on it, read exactly or not at all
            payload_of(code.text)                # what a code says, in a strict grammar
"""
