"""The Accounts service of contracts/twite/accounts.proto in Python. README.md says what it leaves out."""
