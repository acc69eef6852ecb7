"""A made-up AWS in this process: moto on the loopback interface, with an estate to look at."""
