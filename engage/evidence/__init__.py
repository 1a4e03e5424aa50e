"""Evidence packages: all of a case in one file that anybody can check, on any machine, without us."""
