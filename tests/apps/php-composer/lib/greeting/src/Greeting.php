<?php

namespace Sample;

final class Greeting
{
    public static function from(string $name): string
    {
        return "served by $name";
    }
}
