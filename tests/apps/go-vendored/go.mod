module example.org/sample

go 1.22

require example.org/greeting v1.0.0
