<?php

function answer(string $name): string
{
    return "served by $name";
}
