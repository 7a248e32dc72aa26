"""Native mode: Frontrow without Docker, the same services and the same real servers as processes of this machine.

`start-services.sh`, the tests and the benchmark enter here (`instance.Instance`). A supervisor keeps the processes; all
state is below one folder, the instance's home. Several instances live side by side when home and ports differ; nothing
else is shared. This room starts, watches and stops; it must never touch what the stores hold.
"""
