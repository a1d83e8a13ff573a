"""The machinery behind the `wharf-lab` command; `lab/README.md` is its manual."""
