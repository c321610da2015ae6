<?php

require __DIR__ . '/lib/answer.php';

header('X-Language: ' . PHP_VERSION);
echo answer('plain PHP');
