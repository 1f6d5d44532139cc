"""What the program ends with: the codes of the contract in words, for `--help` and the manual."""

EXIT_CODES = (
    ("0", "Done. Awards that are blocked, failed or waiting do not change it."),
    ("1", "A defect of the program; standard error, or the service's log, has its traceback."),
    ("2", "The command was used wrongly, or does not fit the state of what it names. Nothing was changed."),
    ("65", "A file that was given has faults, all of which are printed with their lines. Nothing was taken over."),
    ("69", "A system did not answer or refused to be read; nothing was concluded about what was not seen."),
    ("74", "The state database cannot be used: full, read-only, damaged, or newer than the program."),
    ("75", "The guard holds awards until a person releases them, or another pass is running."),
    ("77", "Credentials are refused; a person has to renew them."),
    ("78", "The configuration has faults, all of which are printed."),
    ("130", "Stopped by Ctrl-C. Awards in hand were finished; the next pass goes on."),
)
IN_SHORT = (
    "Exit codes: 0 done; 1 a defect; 2 wrong use; 65 a faulty file; 69 a system did not answer; 74 the state "
    "database; 75 held, or another pass runs; 77 credentials; 78 configuration; 130 Ctrl-C. All in words: man d2l-sync."
)
