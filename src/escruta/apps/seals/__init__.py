"""Sealed sheets at work: the signed list of sealing keys, issuing and revoking them, sealing sheets, checking seals.

>>> from escruta.apps.seals import key_name
>>> key_name("ve-2024-president", "010113042.1")
've-2024-president/010113042.1'
"""

from escruta.apps.seals.issuing import Issued, issue_keys, key_name, passphrase_of_letters
from escruta.apps.seals.lists import SignedList, log_entry_of, next_list, read_key_list, write_key_list
from escruta.apps.seals.making import read_figures, recipient_named, station_signer
from escruta.apps.seals.stations import stations_in_file, stations_of_register
from escruta.apps.seals.texts import Checked, check_texts, seal_texts

__all__ = [
    "Checked",
    "Issued",
    "SignedList",
    "check_texts",
    "issue_keys",
    "key_name",
    "log_entry_of",
    "next_list",
    "passphrase_of_letters",
    "read_figures",
    "read_key_list",
    "recipient_named",
    "seal_texts",
    "station_signer",
    "stations_in_file",
    "stations_of_register",
    "write_key_list",
]
