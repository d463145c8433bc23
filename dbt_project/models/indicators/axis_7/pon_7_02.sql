{{ ratio('refugees_from_mali', 'population', unit='PER_100K', times=100000) }}
