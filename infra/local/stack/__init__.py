"""The processes of the local system: started, watched and stopped together."""
