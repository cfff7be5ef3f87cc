"""`escruta scan review`: doubtful pictures on a page of this machine, typed by two people who do not see each other.

queue = ReviewQueue(home)
task = queue.next_for("Ana")            # a page, what to type, and what was read of it: nothing for a second reader
queue.take(Decision(...))               # appended and forced down
"""

from escruta.apps.scan.review.queue import ReviewQueue, ReviewTask
from escruta.apps.scan.review.serving import application, page_address

__all__ = ["ReviewQueue", "ReviewTask", "application", "page_address"]
