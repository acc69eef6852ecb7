"""A made-up AWS in this process: moto on the loopback interface, with sample resources."""
