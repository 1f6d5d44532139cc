"""What turns a checkout into something to install: manual pages, completion and the script that puts them in place."""
