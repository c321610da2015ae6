<?php

require __DIR__ . '/../vendor/autoload.php';

echo Sample\Greeting::from('PHP');
