"""Log witnesses: a server that cosigns the logs of others, and how a log asks those that its policy names.

The doors::

    home = make_home(Path("witness"), ["keys/cosignature.key"])
    trust_logs(home, read_log_keys(["log.policy"]))
    serve(home, listen("127.0.0.1", 7380), passphrase, print, print)
    asked = ask_witnesses(policy, checkpoint, prove)
"""
