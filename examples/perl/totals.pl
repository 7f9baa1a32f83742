#!/usr/bin/perl
# Adds the numbers of the second column for each name in the first.
use strict;
use warnings;
use Text::CSV;

my $csv = Text::CSV->new({ binary => 1 });
my %total;
while (my $row = $csv->getline(\*STDIN)) {
    $total{ $row->[0] } += $row->[1];
}
print "$_ $total{$_}\n" for sort keys %total;
