"""Two pretended systems to run and test against: a Brightspace with its auth server, and a Badgr platform.

They are real HTTP servers on loopback, as awkward as the ones they stand for, and import nothing from the
rest of d2l_sync, so that they can't share its mistakes. Where to begin:

- `remote.SandboxProcess` starts them in a process of their own; `in_process.Sandbox` starts them in this one.
- `control` lists what a test may read and change while they run.
- `seed` holds the learners, and the badges that each should end with.
"""
