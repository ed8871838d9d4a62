"""What the servers import, by bare name and in either environment: nothing that only one of them has."""
